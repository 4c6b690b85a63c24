import { byId } from './dom.ts';

/** Tells screen readers what has happened, when they have finished what they are saying. */
export function announce(text: string): void {
  byId('announcements', HTMLElement).textContent = text;
}
