export default {
  'signIn.title': 'Sign in to dingmirror',
  'signIn.text': 'Paste a token. It stays in this browser tab alone and goes when the tab is closed.',
  'signIn.label': 'Token',
  'signIn.button': 'Sign in',
  'signIn.how': 'No token?',
  'signIn.demo': 'To try it, {command} prints a link that is signed in already.',
  'signIn.ask': 'For real use ask an administrator, who issues one with {command}.',
  'signIn.refused': 'The server refused the last token:',
  'signIn.ended': 'The token ended {when}. Sign in with another one.',
  'signIn.empty': 'Paste a token first',
  'signIn.malformed': 'This is no token: it has blanks or line breaks in it. Paste the token alone',
};
