/** The English sentences of `messages.zh.ts`. Where a code isn't here, the server's own sentence is shown. */
export default {};
