import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where programs of this user keep what should outlive them: Apple's place for it, else that of the XDG specification. */
export function stateDirectory(): string {
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'codexpc-gateway');
  const configured = process.env['XDG_STATE_HOME'] ?? '';
  // By the specification, a relative path counts as none.
  const state = isAbsolute(configured) ? configured : join(homedir(), '.local', 'state');
  return join(state, 'codexpc-gateway');
}
