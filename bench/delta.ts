/** What a delta is where it doesn't matter: a text, and the token of the same text. */
export const word = { text: ' token', id: 6602 };
