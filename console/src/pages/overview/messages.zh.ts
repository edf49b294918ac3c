export default {
  title: '概览',
} as const;
