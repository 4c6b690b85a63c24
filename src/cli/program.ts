/** What the program is called where it is installed. */
export const program = 'codexpc-gateway';
