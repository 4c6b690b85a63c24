import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { renderPropertyList } from '../../../src/cli/service/property-list.ts';
import { readPropertyList } from './property-list-reader.ts';

const value = {
  'a key with <tags> & an ampersand': 'a text with </string>, &amp;, "quotes", \'others\' and ]]>',
  text: '  spaces at both ends, a tab\t, lines\nand\r\nothers, é, 語, 😀 ',
  empty: '',
  number: 63,
  below: -1,
  truth: [true, false],
  nested: { none: {}, nothing: [], deep: [[['x']]] },
};

test('a property list is read as what was written, whatever its texts hold', () => {
  expect(readPropertyList(renderPropertyList(value))).toEqual(value);
});

const python = spawnSync('python3', ['-c', 'import plistlib']).status === 0;

test.skipIf(!python)('another reader agrees (Python’s plistlib, where there is a Python)', () => {
  const program = 'import plistlib, json, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))';
  const { stdout, stderr } = spawnSync('python3', ['-c', program], {
    input: renderPropertyList(value),
    encoding: 'utf8',
  });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toEqual(value);
});

test.each(['\u0000', 'a\u001bb', '\uffff', '\ud800'])('%j, which XML can’t hold, is refused', (text) => {
  expect(() => renderPropertyList([text])).toThrow("A property list can't hold");
});

test.each(['<string>a & b</string>', '<string>a</string><string>b</string>', '<dict><key>a</key></dict>', '<text/>'])(
  'the reader of these tests is strict: %s',
  (body) => {
    const xml = renderPropertyList('x').replace('<string>x</string>', body);
    expect(() => readPropertyList(xml)).toThrow();
  },
);
