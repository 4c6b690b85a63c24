/** What the program ends with, and when. Help and docs/cli.md print this table. */
export const exitCodes = {
  done: { code: 0, meaning: 'Done; a server: stopped by a signal after its answers had ended.' },
  failed: {
    code: 1,
    meaning: 'It failed: no daemon, port in use, no native shim, a check of doctor, a difference that replay found.',
  },
  misused: { code: 2, meaning: 'The command line or the configuration is wrong; nothing was started.' },
  crashed: { code: 70, meaning: 'simulate: the simulated daemon crashed, as it was told to.' },
} as const;
