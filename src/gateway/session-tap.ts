import type { Session, SessionRequest } from '../backends/backend.ts';

/** Looks at a turn's sessions: gets each as it is opened, and gives back one that says the same. */
export type SessionTap = (session: Session, request: SessionRequest) => Session;
