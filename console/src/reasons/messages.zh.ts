/** A sentence for each code that the server gives beside its English one; `args` of the code fill the placeholders. */
export default {} as const;
