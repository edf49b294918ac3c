export default {
  title: '钉钉设置',
} as const;
