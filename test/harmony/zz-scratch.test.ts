import { test } from 'vitest';
import { createEncoding, control } from '../../src/harmony/encoding.ts';
import { createDecoder } from '../../src/harmony/decoder.ts';
const encoding = createEncoding();
const names = Object.entries(control);
function ids(s: string) {
  const out: number[] = [];
  for (const p of s.split(/(<\|\w+\|>)/)) {
    const n = names.find(([k]) => `<|${k}|>` === p);
    if (n) out.push(n[1]);
    else out.push(...encoding.encode(p));
  }
  return out;
}
test('x', () => {
  for (const s of [
    '<|channel|>commentary to=functions.x <|constrain|>json<|message|>{}<|call|>',
    '<|channel|>commentary to=functions.x json<|message|>{}<|call|>',
    ' to=functions.x<|channel|>commentary <|constrain|>json<|message|>{}<|call|>',
    '<|channel|>final <|constrain|>json<|message|>{}<|end|>',
    'We must refuse.<|end|><|start|>assistant<|channel|>final<|message|>no<|return|>',
    '<|channel|>final__HANDOFF__<|return|>',
    '––commentary<|message|>x<|end|>',
    '<|channel|>commentary to=assistant<|channel|>commentary? to=functions.get json<|message|>{}<|call|>',
    '<|channel|>analysis<|message|>hm<|end|> 364 <|start|><|start|>assistant<|channel|><|message|>x<|return|><|return|>',
    '<|channel|>analysis to=functions.x code{"a":1}<|call|>',
    '<|channel|>commentary?commentary?<|end|><|start|>assistant<|channel|>fina<|message|>ok',
    'Hello',
    '<|channel|>analysis<|message|>x<|end|><|start|>assis',
    '<|channel|>analysis<|message|>x<|channel|>final<|message|>y<|endoftext|>',
  ]) {
    const d = createDecoder({ encoding, start: 'assistant' });
    console.log(s);
    for (const e of [...d.push(ids(s)), ...d.end()]) console.log('   ', JSON.stringify(e));
    console.log('   ', [...d.repairs].join(' '));
  }
});
