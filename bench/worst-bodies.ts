/** A body that is hard on a server. */
export type WorstBody = { readonly name: string; readonly path: string; readonly make: (bytes: number) => Buffer };

const chat = '/v1/chat/completions';
const responses = '/v1/responses';

/** What is between `before` and `after` is `unit`, as often as it fits. */
function filled(before: string, unit: string, after: string, separator = ''): (bytes: number) => Buffer {
  return (bytes) => {
    const room = bytes - Buffer.byteLength(before + after) - Buffer.byteLength(unit);
    const repeated = (separator + unit).repeat(Math.max(0, Math.floor(room / Buffer.byteLength(separator + unit))));
    return Buffer.from(before + unit + repeated + after);
  };
}

/** `unitOf` instead of one unit, for what must not repeat itself. */
function varied(before: string, unitOf: (index: number) => string, after: string): (bytes: number) => Buffer {
  return (bytes) => {
    const parts: string[] = [];
    let room = bytes - Buffer.byteLength(before + after);
    for (let index = 0; ; index += 1) {
      const unit = (index === 0 ? '' : ',') + unitOf(index);
      room -= Buffer.byteLength(unit);
      if (room < 0) break;
      parts.push(unit);
    }
    return Buffer.from(before + parts.join('') + after);
  };
}

const nested = (before: string, open: string, inner: string, close: string, after: string) => (bytes: number) => {
  const depth = Math.floor((bytes - before.length - inner.length - after.length) / (open.length + close.length));
  return Buffer.from(before + open.repeat(depth) + inner + close.repeat(depth) + after);
};

const user = '{"model":"model-0","messages":[{"role":"user","content":"';
const input = '{"model":"model-0","stream":true,"input":';
const random = (index: number) => Math.imul(index + 1, 2654435761) >>> 0;
const randomCjk = (index: number) => {
  let text = '';
  for (let at = 0; at < 1000; at += 1) text += String.fromCharCode(0x4e00 + (random(index * 1000 + at) % 20_000));
  return text;
};

const text = (name: string, unit: string): WorstBody => ({
  name: `text: ${name}`,
  path: chat,
  make: filled(user, unit, '"}]}'),
});

export const worstBodies: readonly WorstBody[] = [
  text('one letter', 'a'),
  text('one ideograph', '中'),
  text('spaces', ' '),
  text('digits', '7'),
  text('line feeds', '\\n'),
  text('dashes', '-'),
  text('emoji', '😀'),
  text('combining marks', '\u0301'),
  text('English', 'The quick brown fox jumps over the lazy dog. '),
  text('control tokens', '<|start|>'),
  text('halves of surrogate pairs', '\\ud800'),
  text('escapes', '\\u0061'),
  {
    name: 'text: random ideographs',
    path: chat,
    make: varied('{"model":"model-0","messages":[', (index) => `{"role":"user","content":"${randomCjk(index)}"}`, ']}'),
  },
  {
    name: 'chat: tiny messages',
    path: chat,
    make: filled('{"model":"model-0","messages":[', '{"role":"user","content":"a"}', ']}', ','),
  },
  {
    name: 'chat: tiny parts',
    path: chat,
    make: filled('{"model":"model-0","messages":[{"role":"user","content":[', '{"type":"text","text":""}', ']}]}', ','),
  },
  {
    name: 'chat: tool calls',
    path: chat,
    make: varied(
      '{"model":"model-0","messages":[{"role":"assistant","tool_calls":[',
      (index) => `{"type":"function","id":"${index}","function":{"name":"f","arguments":""}}`,
      ']}]}',
    ),
  },
  { name: 'chat: numbers for messages', path: chat, make: filled('{"model":"model-0","messages":[', '0', ']}', ',') },
  { name: 'chat: empty messages', path: chat, make: filled('{"model":"model-0","messages":[', '{}', ']}', ',') },
  {
    name: 'chat: a stop text',
    path: chat,
    make: filled('{"model":"model-0","messages":[{"role":"user","content":"a"}],"stop":"', 'ab', '"}'),
  },
  {
    name: 'chat: metadata',
    path: chat,
    make: varied(
      '{"model":"model-0","messages":[{"role":"user","content":"a"}],"metadata":{',
      (index) => `"k${index}":"v"`,
      '}}',
    ),
  },
  {
    name: 'chat: unknown fields',
    path: chat,
    make: varied(
      '{"model":"model-0","messages":[{"role":"user","content":"a"}],"k":0,',
      (index) => `"k${index}":0`,
      '}',
    ),
  },
  {
    name: 'chat: a JSON schema for the answer',
    path: chat,
    make: varied(
      '{"model":"model-0","messages":[{"role":"user","content":"a"}],"response_format":{"type":"json_schema","json_schema":{"name":"a","strict":true,"schema":{"type":"object","properties":{',
      (index) => `"p${index}":{"type":"string"}`,
      '}}}}}',
    ),
  },
  {
    name: 'chat: tools',
    path: chat,
    make: varied(
      '{"model":"model-0","messages":[{"role":"user","content":"a"}],"tools":[',
      (index) => `{"type":"function","function":{"name":"f${index}"}}`,
      ']}',
    ),
  },
  {
    name: 'chat: a model name',
    path: chat,
    make: filled('{"messages":[{"role":"user","content":"a"}],"model":"', 'a', '"}'),
  },
  {
    name: 'responses: tiny messages',
    path: responses,
    make: filled(`${input}[`, '{"role":"user","content":""}', ']}', ','),
  },
  { name: 'responses: numbers for items', path: responses, make: filled(`${input}[`, '0', ']}', ',') },
  { name: 'responses: empty items', path: responses, make: filled(`${input}[`, '{}', ']}', ',') },
  {
    name: 'responses: calls and outputs',
    path: responses,
    make: varied(
      `${input}[`,
      (index) =>
        `{"type":"function_call","call_id":"${index}","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"${index}","output":""}`,
      ']}',
    ),
  },
  {
    name: 'responses: instructions',
    path: responses,
    make: filled(`${input}"a","instructions":"`, 'The quick brown fox. ', '"}'),
  },
  {
    name: 'responses: tools',
    path: responses,
    make: varied(`${input}"a","tools":[`, (index) => `{"type":"function","name":"f${index}","parameters":null}`, ']}'),
  },
  {
    name: 'responses: tools of one name',
    path: responses,
    make: filled(`${input}"a","tools":[`, '{"type":"function","name":"f","parameters":null}', ']}', ','),
  },
  {
    name: 'responses: a tool of many properties',
    path: responses,
    make: varied(
      `${input}"a","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{`,
      (index) => `"p${index}":{"type":"string"}`,
      '}}}]}',
    ),
  },
  {
    name: 'responses: a tool of a long enum',
    path: responses,
    make: filled(
      `${input}"a","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"p":{"enum":[`,
      '"a"',
      ']}}}}]}',
      ',',
    ),
  },
  {
    name: 'responses: a tool of deep schemas',
    path: responses,
    make: nested(
      `${input}"a","tools":[{"type":"function","name":"f","parameters":`,
      '{"type":"array","items":',
      '{}',
      '}',
      '}]}',
    ),
  },
  {
    name: 'responses: a grammar',
    path: responses,
    make: filled(
      `${input}"a","tools":[{"type":"custom","name":"f","format":{"type":"grammar","syntax":"regex","definition":"`,
      'a?',
      '"}}]}',
    ),
  },
  { name: 'responses: deep arrays', path: responses, make: nested(input, '[', '', ']', '}') },
  {
    name: 'responses: deep objects in a field',
    path: responses,
    make: nested(`${input}"a","x":`, '{"a":', '0', '}', '}'),
  },
  { name: 'JSON that breaks off', path: chat, make: filled(user, 'a', '') },
  {
    name: 'bytes that are not UTF-8',
    path: chat,
    make: (bytes) => Buffer.concat([Buffer.alloc(bytes - 1, 0x61), Buffer.from([0xff])]),
  },
];
