export default {
  'signIn.title': '登录 dingmirror',
  'signIn.text': '粘贴一个令牌。它只留在这个标签页里，关掉就没了。',
  'signIn.label': '令牌',
  'signIn.button': '登录',
  'signIn.how': '没有令牌？',
  'signIn.demo': '试用时，{command} 会打印一个已经登录好的链接。',
  'signIn.ask': '正式使用时，找管理员要一个；管理员用 {command} 签发。',
  'signIn.refused': '服务器不接受上一个令牌：',
  'signIn.ended': '令牌已在{when}到期。换一个再登录。',
  'signIn.empty': '先粘贴令牌',
  'signIn.malformed': '这不像令牌：里面有空格或换行。只粘贴令牌本身',
} as const;
