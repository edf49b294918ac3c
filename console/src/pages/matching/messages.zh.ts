export default {
  title: '匹配',
} as const;
