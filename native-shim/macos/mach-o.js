/**
 * Reads what matters of a Mach-O library: enough to tell what dyld will see of it. After Apple's <mach-o/loader.h>,
 * <mach-o/fat.h>, <mach-o/nlist.h> and <kern/cs_blobs.h>.
 */
import { createHash } from 'node:crypto';

const architectures = new Map([
  [0x0100000c, 'arm64'],
  [0x01000007, 'x86_64'],
]);
export const cpuTypes = new Map([...architectures].map(([type, name]) => [name, type]));

const fatMagic = 0xcafebabe;
const machMagic = 0xfeedfacf;
/** Slices begin at multiples of a page of arm64. */
const sliceAlignment = 14;

/**
 * @param {Buffer} file a universal file.
 * @returns {ReturnType<typeof readSlice>[]} what is told of its slices, in their order.
 */
export function readUniversal(file) {
  if (file.length < 8 || file.readUInt32BE(0) !== fatMagic) throw new Error('it is no universal file');
  return Array.from({ length: file.readUInt32BE(4) }, (_, index) => {
    const at = 8 + 20 * index;
    const offset = file.readUInt32BE(at + 8);
    return readSlice(file.subarray(offset, offset + file.readUInt32BE(at + 12)));
  });
}

/** Joins one library per architecture into a universal file. */
export function joinSlices(slices) {
  const page = 1 << sliceAlignment;
  const header = Buffer.alloc(page);
  header.writeUInt32BE(fatMagic, 0);
  header.writeUInt32BE(slices.length, 4);
  const parts = [header];
  let end = page;
  slices.forEach((slice, index) => {
    const at = 8 + 20 * index;
    header.writeUInt32BE(slice.readUInt32LE(4), at);
    header.writeUInt32BE(slice.readUInt32LE(8), at + 4);
    header.writeUInt32BE(end, at + 8);
    header.writeUInt32BE(slice.length, at + 12);
    header.writeUInt32BE(sliceAlignment, at + 16);
    const padding = index === slices.length - 1 ? 0 : (page - (slice.length % page)) % page;
    parts.push(slice, Buffer.alloc(padding));
    end += slice.length + padding;
  });
  return Buffer.concat(parts);
}

function readSlice(file) {
  if (file.readUInt32LE(0) !== machMagic) throw new Error('a slice is no 64-bit Mach-O');
  const commands = [...loadCommands(file)];
  const find = (...kinds) => commands.find(({ kind }) => kinds.includes(kind));
  const all = (...kinds) => commands.filter(({ kind }) => kinds.includes(kind));
  const build = find(0x32);
  // The kinds of loading: plainly, weakly, to be exported again, lazily, upward.
  const libraries = all(0xc, 0x80000018, 0x8000001f, 0x20, 0x80000023).map(({ body }) =>
    textAt(body, body.readUInt32LE(8)),
  );
  const trie = find(0x80000033);
  const info = find(0x80000022, 0x22);
  const range = trie?.body ?? info?.body.subarray(32);
  const exported =
    range === undefined
      ? Buffer.alloc(0)
      : file.subarray(range.readUInt32LE(8), range.readUInt32LE(8) + range.readUInt32LE(12));
  return {
    architecture: architectures.get(file.readUInt32LE(4)) ?? 'unknown',
    isLibrary: file.readUInt32LE(12) === 6,
    installName: textAt(find(0xd)?.body, 24),
    libraries,
    platform: build?.body.readUInt32LE(8) === 1 ? 'macos' : 'unknown',
    leastSystem: build === undefined ? 'unknown' : versionText(build.body.readUInt32LE(12)),
    exports: exportsIn(exported).sort((one, other) => (one < other ? -1 : 1)),
    undefinedSymbols: undefinedSymbols(file, find(0x2)?.body, libraries),
    signature: readSignature(file, find(0x1d)?.body),
  };
}

function* loadCommands(file) {
  const count = file.readUInt32LE(16);
  let at = 32;
  for (let index = 0; index < count; index++) {
    const size = file.readUInt32LE(at + 4);
    yield { kind: file.readUInt32LE(at), body: file.subarray(at, at + size) };
    at += size;
  }
}

/** The names in an export trie, which is what dyld looks symbols up in; without the underscore of C. */
function exportsIn(trie) {
  const names = [];
  const visit = (at, name) => {
    let position = at;
    const number = () => {
      let value = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = trie[position++];
        value += (byte & 0x7f) * 2 ** shift;
        if (byte < 0x80) return value;
      }
    };
    const terminal = number();
    if (terminal > 0) names.push(name.replace(/^_/, ''));
    position += terminal;
    const children = trie[position++];
    for (let child = 0; child < children; child++) {
      const edge = textAt(trie, position);
      position += Buffer.byteLength(edge) + 1;
      visit(number(), name + edge);
    }
  };
  if (trie.length > 0) visit(0, '');
  return names;
}

/** Each with the library that it is bound to. */
function undefinedSymbols(file, table, libraries) {
  if (table === undefined) return [];
  const [symbols, count, strings] = [8, 12, 16].map((at) => table.readUInt32LE(at));
  const found = [];
  for (let index = 0; index < count; index++) {
    const at = symbols + 16 * index;
    const type = file[at + 4];
    // Debugging entries and local symbols are none; 0xe masks the type, which is 0 for undefined.
    if ((type & 0xe0) !== 0 || (type & 0xe) !== 0 || (type & 1) === 0) continue;
    const name = textAt(file, strings + file.readUInt32LE(at)).replace(/^_/, '');
    const ordinal = file.readUInt16LE(at + 6) >> 8;
    found.push({ name, library: libraries[ordinal - 1] ?? `ordinal ${ordinal}` });
  }
  return found;
}

/** `valid`: it has the hash of every page of the file before it. */
function readSignature(file, command) {
  if (command === undefined) return { present: false, adHoc: false, valid: false };
  const start = command.readUInt32LE(8);
  const blob = file.subarray(start, start + command.readUInt32LE(12));
  if (blob.readUInt32BE(0) !== 0xfade0cc0) return { present: true, adHoc: false, valid: false };
  for (let index = 0; index < blob.readUInt32BE(8); index++) {
    const directory = blob.subarray(blob.readUInt32BE(16 + 8 * index));
    if (directory.readUInt32BE(0) !== 0xfade0c02) continue;
    const [flags, hashes, , , slots, limit] = [12, 16, 20, 24, 28, 32].map((at) => directory.readUInt32BE(at));
    const [hashSize, hashType] = [directory[36], directory[37]];
    const pageSize = 2 ** directory[39];
    const isRight = (page) =>
      createHash('sha256')
        .update(file.subarray(page * pageSize, Math.min((page + 1) * pageSize, limit)))
        .digest()
        .equals(directory.subarray(hashes + page * hashSize, hashes + (page + 1) * hashSize));
    const pages = Array.from({ length: slots }, (_, page) => page);
    const whole = limit === start && slots === Math.ceil(limit / pageSize);
    return {
      present: true,
      adHoc: (flags & 2) !== 0,
      valid: hashType === 2 && hashSize === 32 && whole && pages.every(isRight),
    };
  }
  return { present: true, adHoc: false, valid: false };
}

function textAt(bytes, at) {
  return bytes === undefined ? '' : bytes.toString('utf8', at, bytes.indexOf(0, at));
}

/** 0x000d0000 is 13.0 */
function versionText(packed) {
  return `${packed >> 16}.${(packed >> 8) & 0xff}`;
}
