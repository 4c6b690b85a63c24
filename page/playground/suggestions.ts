/** What one can begin with. The simulator does what lines that begin with /sim tell it; a model takes them for text. */
export function suggestionsFor(isSimulator: boolean): readonly { readonly label: string; readonly text: string }[] {
  const hello = { label: 'Say hello to the world', text: 'Say hello to the world' };
  if (!isSimulator) {
    return [
      hello,
      { label: 'Explain a prefill', text: 'Explain in three sentences what a prefill is in a language model.' },
      { label: 'Write a haiku', text: 'Write a haiku about waiting for the first token.' },
    ];
  }
  return [
    hello,
    {
      label: 'Think, then answer slowly',
      text: '/sim pace 40\n/sim think Somebody wants to watch an answer come in, so there is no hurry.\n/sim repeat 60 Tokens arrive one by one.',
    },
    {
      label: 'Fail midway',
      text: '/sim say This goes well until\n/sim fail engine_error The engine has given up, as it was told to.',
    },
  ];
}
