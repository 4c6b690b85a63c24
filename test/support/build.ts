import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Before any test: what is built from the sources (the native shim, dist/) is as new as they are. */
export default function setup(): void {
  const script = fileURLToPath(new URL('../../scripts/setup.js', import.meta.url));
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The project could not be built, so its programs cannot be tested.');
}
