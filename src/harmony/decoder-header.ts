import type { HarmonyRole } from './message.ts';
import type { RepairName } from './repairs.ts';

/** Harmony's channels. Every message of the assistant belongs to one. */
export type Channel = 'analysis' | 'commentary' | 'final';

/** Who says what to whom, and where. */
export type Header = {
  readonly role: HarmonyRole;
  /** A tool's full name, or what stands after the colon in `user:name`; null: the role says it. */
  readonly name: string | null;
  /** As written, so not always the name of a tool. */
  readonly recipient: string | null;
  /** null: there is none, or none that can be recognised. */
  readonly channel: Channel | null;
  /** As in `<|constrain|>json` or `code`. */
  readonly contentType: string | null;
};

/** A stretch of a header: what stands before its first marker, after a `<|channel|>`, or after a `<|constrain|>`. */
export type HeaderPart = { readonly kind: 'role' | 'channel' | 'constrain'; text: string };

export type ReadHeader = {
  readonly header: Header;
  /** Text that is no part of the header. Only where `<|message|>` is missing: it is the message's content then. */
  readonly content: string;
  readonly repairs: readonly RepairName[];
};

export type HeaderOptions = {
  /** Whose message it is when the header need not say; null: it says so itself. */
  readonly role: HarmonyRole | null;
  /** Whether `<|message|>` came. Without it, the first thing that fits no header is content. */
  readonly complete: boolean;
};

const channels: readonly Channel[] = ['analysis', 'commentary', 'final'];
const constrain = '<|constrain|>';
/** Recipients that are nobody's tool. */
const persons: ReadonlySet<string> = new Set(['assistant', 'user', 'all', 'system', 'developer', ...channels]);

/** Whether a recipient names a tool, rather than a participant or a channel. */
export function isToolRecipient(recipient: string | null): recipient is string {
  return recipient !== null && !persons.has(recipient);
}

/**
 * Reads a header. Well-formed ones mean what they mean to the reference implementation, but for one thing: in
 * `<|channel|>final <|constrain|>json`, which GPT-OSS writes for structured answers, version 0.0.8 of it takes the
 * content type for a recipient.
 */
export function readHeader(parts: readonly HeaderPart[], options: HeaderOptions): ReadHeader {
  const { complete } = options;
  const found: RepairName[] = [];
  const unknown: string[] = [];
  let role = options.role;
  let name: string | null = null;
  let roleWord: string | null = null;
  let recipient: string | null = null;
  let channel: Channel | null = null;
  let contentType: string | null = null;
  let content = '';

  for (const [index, part] of parts.entries()) readPart(part, index === parts.length - 1);
  if (roleWord !== null) readRoleWord(roleWord);
  placeUnknownWords();
  role ??= 'assistant';
  if (role === 'assistant' && channel === null) found.push('missing-channel');
  return { header: { role, name, recipient, channel, contentType }, content, repairs: found };

  function readPart({ kind, text }: HeaderPart, last: boolean): void {
    let at = 0;
    const take = (pattern: RegExp): string | null => {
      pattern.lastIndex = at;
      const match = pattern.exec(text);
      if (match !== null) at = pattern.lastIndex;
      return match === null ? null : match[0];
    };

    take(/\s+/y);
    switch (kind) {
      case 'role':
        readRole();
        break;
      case 'channel':
        readChannel();
        break;
      case 'constrain':
        readConstrained();
        break;
    }
    for (take(/\s+/y); at < text.length; take(/\s+/y)) {
      if (take(/to=/y) !== null) readRecipient();
      else if (contentType === null && readPlainType()) continue;
      else if (complete || !last) unknown.push(take(/\S+/y) ?? '');
      else {
        content = text.slice(at);
        return;
      }
    }

    function readRole(): void {
      if (role !== null) {
        take(/assistant(?=\s|$)/y);
        return;
      }
      const known = take(/(?:system|developer|user|assistant|tool)(?=[\s:]|$)/y) ?? take(/assistant/y);
      if (known !== null) {
        role = known as HarmonyRole;
        name = role === 'tool' ? 'tool' : (take(/:\S+/y)?.slice(1) ?? null);
      } else if (!complete || at === text.length || text.startsWith('to=', at)) {
        found.push('missing-role');
      } else {
        roleWord = take(/\S+/y);
      }
    }

    function readChannel(): void {
      if (channel !== null) found.push('duplicate-channel');
      const start = channels.find((each) => text.startsWith(each, at));
      if (start !== undefined) {
        at += start.length;
        const clean = at === text.length || /\s/u.test(text[at] ?? '');
        if (!clean) found.push('misspelt-channel');
        // In `commentary?commentary?<|end|>` the rest is no preamble for anyone to read.
        const garbled = !clean && !complete && start === 'commentary' && !text.startsWith('to=', at);
        channel = garbled ? null : start;
        return;
      }
      const word = /\S*/y;
      word.lastIndex = at;
      const written = word.exec(text)?.[0].toLowerCase() ?? '';
      const near = channels.find((each) => written === each || (written.length > 2 && each.startsWith(written)));
      const meant = near ?? (complete ? channelWithin(written) : undefined);
      if (meant === undefined) return;
      found.push('misspelt-channel');
      at += written.length;
      channel = meant;
    }

    function readConstrained(): void {
      const type = take(complete ? /(?!to=)\S+/y : /(?!to=)[A-Za-z][\w.+/-]*(?=[\s{["]|$)/y);
      if (type === null || contentType !== null) found.push('constrain-form');
      if (type !== null) contentType = constrain + type;
    }

    function readPlainType(): boolean {
      const type = take(/(?:json|code)(?=[\s{["]|$)/iy);
      if (type === null) return false;
      if (type !== 'code') found.push('constrain-form');
      contentType = type;
      return true;
    }

    function readRecipient(): void {
      const apart = take(/\s+/y) !== null;
      const written = take(complete ? /\S+/y : /[\w.:/-]+/y);
      if (apart || written === null || recipient !== null) found.push('recipient-form');
      if (written !== null && (recipient === null || isToolRecipient(written))) recipient = written;
    }
  }

  /** A word that is no role is a tool that speaks, if it looks like one or speaks to somebody. */
  function readRoleWord(word: string): void {
    if (recipient !== null || isDotted(word)) {
      role = 'tool';
      name = word;
    } else {
      found.push('unknown-role');
      unknown.push(word);
    }
  }

  function placeUnknownWords(): void {
    const channelAt = channel === null ? unknown.findIndex((word) => channelWithin(word) !== undefined) : -1;
    if (channelAt !== -1) {
      const [word = ''] = unknown.splice(channelAt, 1);
      channel = channelWithin(word) ?? null;
      found.push('misspelt-channel');
    }
    const toolWord = recipient === null ? unknown.find(isDotted) : undefined;
    if (toolWord !== undefined) {
      recipient = toolWord;
      unknown.splice(unknown.indexOf(toolWord), 1);
      found.push('recipient-form');
    }
    const [typeWord = ''] = unknown;
    if (recipient !== null && contentType === null && unknown.length === 1 && /^[a-z]/iu.test(typeWord)) {
      contentType = typeWord;
      unknown.pop();
    }
    if (unknown.length > 0) found.push('header-text');
  }
}

/** The channel that is part of a word, as in `––commentary`. */
function channelWithin(word: string): Channel | undefined {
  return channels.find((channel) => word.includes(channel));
}

/** As in `functions.get_weather`. */
function isDotted(word: string): boolean {
  return /^[\w-]+(?:\.[\w-]+)+$/u.test(word);
}
