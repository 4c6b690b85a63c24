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

/** Two lists of as many: tools, and the same tools again. */
function allowed(
  before: string,
  unitOf: (index: number) => string,
  between: string,
  after: string,
): (bytes: number) => Buffer {
  return (bytes) => {
    const list: string[] = [];
    let room = bytes - Buffer.byteLength(before + between + after);
    for (;;) {
      const unit = unitOf(list.length);
      room -= 2 * Buffer.byteLength(`,${unit}`);
      if (room < 0) break;
      list.push(unit);
    }
    return Buffer.from(before + list.join(',') + between + list.join(',') + after);
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
  {
    name: 'chat: messages with names',
    path: chat,
    make: filled('{"model":"model-0","messages":[', '{"role":"user","content":"","name":"a"}', ']}', ','),
  },
  {
    name: 'chat: allowed tools',
    path: chat,
    make: allowed(
      '{"model":"model-0","messages":[{"role":"user","content":"a"}],"tools":[',
      (index) => `{"type":"function","function":{"name":"f${index}"}}`,
      '],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[',
      ']}}}',
    ),
  },
  {
    name: 'responses: allowed tools',
    path: responses,
    make: allowed(
      `${input}"a","tools":[`,
      (index) => `{"type":"function","name":"f${index}"}`,
      '],"tool_choice":{"type":"allowed_tools","tools":[',
      ']}}',
    ),
  },
  {
    name: 'responses: calls of tools of one name',
    path: responses,
    make: (bytes) =>
      Buffer.concat([
        varied(
          `${input}[`,
          (index) => `{"type":"custom_tool_call","call_id":"${index}","name":"f","input":""}`,
          '],"tools":[',
        )(bytes >> 1),
        varied(
          '',
          (index) => `{"type":"namespace","name":"n${index}","tools":[{"type":"function","name":"f"}]}`,
          ']}',
        )(bytes >> 1),
      ]),
  },
  {
    name: 'responses: a long namespace of many tools',
    path: responses,
    make: (bytes) =>
      varied(
        `${input}"a","tools":[{"type":"namespace","name":"${'n'.repeat(bytes >> 1)}","tools":[`,
        (index) => `{"type":"function","name":"f${index}"}`,
        ']}]}',
      )(bytes),
  },
  {
    name: 'responses: a tool of a long name',
    path: responses,
    make: filled(`${input}"a","tools":[{"type":"function","name":"`, 'a', '"}]}'),
  },
  {
    name: 'responses: a call of a long name',
    path: responses,
    make: filled(`${input}[{"type":"function_call","call_id":"a","arguments":"","name":"`, 'é', '"}]}'),
  },
  {
    name: 'responses: a tool described in line feeds',
    path: responses,
    make: filled(`${input}"a","tools":[{"type":"function","name":"f","description":"`, '\\n', '"}]}'),
  },
  {
    name: 'responses: a custom call of control characters',
    path: responses,
    make: filled(`${input}[{"type":"custom_tool_call","call_id":"a","name":"f","input":"`, '\\u0001', '"}]}'),
  },
  {
    name: 'responses: a custom call of line feeds',
    path: responses,
    make: filled(`${input}[{"type":"custom_tool_call","call_id":"a","name":"f","input":"`, '\\n', '"}]}'),
  },
  {
    name: 'responses: a seal of dots',
    path: responses,
    make: filled(`${input}[{"type":"reasoning","summary":[],"encrypted_content":"`, '.', '"}]}'),
  },
  {
    name: 'responses: foreign reasoning',
    path: responses,
    make: filled(`${input}[`, '{"type":"reasoning","summary":[],"encrypted_content":"a"}', ']}', ','),
  },
  {
    name: 'responses: a reference of slashes',
    path: responses,
    make: filled(`${input}"a","tools":[{"type":"function","name":"f","parameters":{"$ref":"#`, '/', '"}}]}'),
  },
  {
    name: 'responses: references that double',
    path: responses,
    make: varied(
      `${input}"a","tools":[{"type":"function","name":"f","parameters":{"$ref":"#/$defs/d0","$defs":{`,
      (index) =>
        `"d${index}":{"type":"object","properties":{"a":{"$ref":"#/$defs/d${index + 1}"},"b":{"$ref":"#/$defs/d${index + 1}"}}}`,
      '}}}]}',
    ),
  },
  {
    name: 'responses: a long default in deep arrays',
    path: responses,
    make: (bytes) =>
      filled(
        `${input}"a","tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{"p":{"default":${'['.repeat(120)}"`,
        'a',
        `"${']'.repeat(120)}}}}}]}`,
      )(bytes),
  },
  {
    name: 'responses: a long description in deep nullable schemas',
    path: responses,
    make: (bytes) =>
      filled(
        `${input}"a","tools":[{"type":"function","name":"f","parameters":${'{"type":"object","nullable":true,"properties":{"p":'.repeat(110)}{"description":"`,
        'a',
        `"}${'}}'.repeat(110)}}]}`,
      )(bytes),
  },
  {
    name: 'responses: many properties in deep schemas',
    path: responses,
    make: varied(
      `${input}"a","tools":[{"type":"function","name":"f","parameters":${'{"type":"object","nullable":true,"properties":{"p":'.repeat(100)}{"type":"object","properties":{`,
      (index) => `"p${index}":{}`,
      `}}${'}}'.repeat(100)}}]}`,
    ),
  },
  {
    name: 'responses: namespaces',
    path: responses,
    make: varied(
      `${input}"a","tools":[`,
      (index) => `{"type":"namespace","name":"n${index}","tools":[{"type":"custom","name":"f"}]}`,
      ']}',
    ),
  },
  {
    name: 'responses: hosted tools',
    path: responses,
    make: filled(`${input}"a","tools":[`, '{"type":"mcp"}', ']}', ','),
  },
  {
    name: 'responses: a schema of the answer',
    path: responses,
    make: varied(
      `${input}"a","text":{"format":{"type":"json_schema","name":"a","strict":true,"schema":{"type":"object","properties":{`,
      (index) => `"p${index}":{"type":"string"}`,
      '}}}}}',
    ),
  },
  {
    name: 'responses: what to include',
    path: responses,
    make: filled(`${input}"a","include":[`, '"a"', ']}', ','),
  },
  {
    name: 'responses: references to items',
    path: responses,
    make: varied(`${input}[`, (index) => `{"type":"item_reference","id":"i${index}"}`, ']}'),
  },
  {
    name: 'responses: tiny messages that are cut',
    path: responses,
    make: filled(`{"model":"model-0","truncation":"auto","input":[`, '{"role":"user","content":"a"}', ']}', ','),
  },
  {
    name: 'responses: long messages that are cut',
    path: responses,
    make: filled(
      `{"model":"model-0","truncation":"auto","input":[`,
      `{"role":"user","content":"${'The quick brown fox. '.repeat(200)}"}`,
      ']}',
      ',',
    ),
  },
  {
    name: 'input tokens: tiny messages',
    path: '/v1/responses/input_tokens',
    make: filled('{"input":[', '{"role":"user","content":"a"}', ']}', ','),
  },
  {
    name: 'compact: tiny messages',
    path: '/v1/responses/compact',
    make: filled('{"input":[', '{"role":"user","content":"a"}', ']}', ','),
  },
  {
    name: 'prefill: English',
    path: '/gateway/prefill',
    make: filled(`{"api":"responses","body":${input}"`, 'The quick brown fox. ', '"}}'),
  },
  {
    name: 'prefill: tiny messages',
    path: '/gateway/prefill',
    make: filled(`{"api":"responses","body":${input}[`, '{"role":"user","content":"a"}', ']}}', ','),
  },
  {
    name: 'completions: token ids',
    path: '/v1/completions',
    make: filled('{"model":"model-0","echo":true,"prompt":[', '13225', ']}', ','),
  },
  {
    name: 'completions: prompts',
    path: '/v1/completions',
    make: filled('{"model":"model-0","prompt":[', '"a"', ']}', ','),
  },
  {
    name: 'conversations: items',
    path: '/v1/conversations',
    make: filled('{"items":[', '{"role":"user","content":"a"}', ']}', ','),
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
