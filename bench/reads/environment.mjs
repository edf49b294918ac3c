// The environment of the programs that are measured: nothing of the caller's own server reaches them.
export function cleanEnvironment() {
  const own = ([name]) => name !== 'DATABASE_URL' && !name.startsWith('DINGMIRROR_');
  return { ...Object.fromEntries(Object.entries(process.env).filter(own)), NO_COLOR: '1', NODE_ENV: 'production' };
}
