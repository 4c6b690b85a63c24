import { chmodSync } from 'node:fs';
import { dirname } from 'node:path';
import { call } from '../../support/client.ts';
import type { Random } from '../../harmony/random.ts';
import type { Program } from '../../support/process.ts';
import type { Proxy } from './proxy.ts';
import { repeated } from './requests.ts';
import { exhaustDescriptors } from './resources.ts';
import { createTamper, tamperings } from './tampering.ts';

/** What a fault is done to. */
export type Stage = {
  readonly origin: string;
  readonly service: string;
  readonly proxy: Proxy;
  readonly random: Random;
  readonly daemon: () => Program;
  /** Runs another daemon, when the last one has ended. */
  readonly restartDaemon: () => Promise<void>;
  /** Sends a request beside those of the round, which counts like them; whole, it must say `answer`. */
  readonly askToo: (input: string, answer: string) => Promise<void>;
};

export type Fault = {
  readonly name: string;
  /** Whether an answer that is whole must be what the daemon was asked to say. */
  readonly keepsText: boolean;
  /** Whether clients of this process may find no way to the gateway. */
  readonly hindersClients?: boolean;
  /** Does it, and returns what takes it back. */
  readonly strike: (stage: Stage) => Promise<Heal> | Heal;
};

type Heal = () => Promise<void> | void;

const nothingToHeal: Heal = () => undefined;

/** An answer that would be empty, if the session ever came to its end. */
const neverWhole = '';
/** More text than the event socket and what is before it hold. */
const floodWords = 60_000;

/** Nobody at all, to the system. */
const nobody = 65_534;

const ofTheSystem: readonly Fault[] = [
  { name: 'none', keepsText: true, strike: () => nothingToHeal },
  {
    name: 'SIGKILL',
    keepsText: true,
    strike({ daemon, restartDaemon }) {
      daemon().kill('SIGKILL');
      return restartDaemon;
    },
  },
  {
    name: 'SIGSTOP',
    keepsText: true,
    strike({ daemon }) {
      daemon().kill('SIGSTOP');
      return () => daemon().kill('SIGCONT');
    },
  },
  {
    name: 'a session that hangs',
    keepsText: true,
    strike({ askToo }) {
      void askToo('/sim repeat 400 word\n/sim wait 60\n/sim hang', neverWhole);
      return nothingToHeal;
    },
  },
  {
    name: 'a daemon that crashes',
    keepsText: true,
    strike({ askToo, restartDaemon }) {
      void askToo('/sim repeat 400 word\n/sim wait 60\n/sim crash', neverWhole);
      return restartDaemon;
    },
  },
  {
    name: 'a vanished socket',
    keepsText: true,
    strike({ proxy }) {
      proxy.vanish();
      proxy.dropAll();
      return proxy.restore;
    },
  },
  {
    name: 'a file where the socket was',
    keepsText: true,
    strike({ proxy }) {
      proxy.replaceBy('file');
      proxy.dropAll();
      return proxy.restore;
    },
  },
  {
    name: 'no permission',
    keepsText: true,
    strike({ proxy, service }) {
      const directory = dirname(service);
      // Permissions don't bind root, so root becomes somebody whom they do.
      const isRoot = process.getuid!() === 0;
      if (isRoot) process.seteuid!(nobody);
      else chmodSync(directory, 0o000);
      proxy.dropAll();
      return () => {
        if (isRoot) process.seteuid!(0);
        else chmodSync(directory, 0o700);
      };
    },
  },
  {
    name: 'no file descriptors',
    keepsText: true,
    hindersClients: true,
    strike({ proxy, random }) {
      proxy.dropAll();
      return exhaustDescriptors(random.below(12));
    },
  },
  {
    name: 'connections that come and go',
    keepsText: true,
    async strike({ origin, proxy, random }) {
      for (let cycle = 20 + random.below(80); cycle > 0; cycle -= 1) {
        // It may answer before the connection is gone or fail with it, but it answers.
        const { status } = await call(`${origin}/readyz`, { headers: { connection: 'close' } });
        if (![200, 502, 503].includes(status)) throw new Error(`/readyz answers ${status}`);
        proxy.dropAll();
      }
      return nothingToHeal;
    },
  },
  {
    name: 'a full event socket',
    keepsText: true,
    async strike({ proxy, daemon, restartDaemon, askToo }) {
      // The proxy lives in this process, which is to stand still: so past it, to the daemon itself.
      proxy.replaceBy('daemon');
      proxy.dropAll();
      const floods = [1, 2, 3].map(() => askToo(`/sim repeat ${floodWords} flood`, repeated(floodWords, 'flood')));
      for (let stall = 0; stall < 5; stall += 1) {
        await new Promise((resolve) => {
          setTimeout(resolve, 10);
        });
        // Nothing is read meanwhile, while the daemon goes on writing.
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
      }
      await Promise.allSettled(floods);
      // The connections that went past the proxy end with the daemon alone; there are to be no new ones.
      await proxy.restore();
      daemon().kill('SIGKILL');
      return restartDaemon;
    },
  },
];

/** Everything that is done to the link between a gateway and its daemon. */
export const faults: readonly Fault[] = [
  ...ofTheSystem,
  ...tamperings.map((tampering): Fault => ({
    name: tampering.name,
    keepsText: tampering.keepsText,
    strike({ proxy, random }) {
      proxy.setTamper(createTamper(tampering, random));
      return () => proxy.setTamper(null);
    },
  })),
];
