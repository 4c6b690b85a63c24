/** Most answers that a request may ask for, as at OpenAI. */
export const mostAnswers = 128;

/** What the support tables say of asking for several. */
export const severalAnswersNote = `up to ${mostAnswers}, made one after another; the engine has one fixed seed, so they may all say the same`;
