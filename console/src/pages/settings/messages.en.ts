export default {
  title: 'DingTalk settings',
};
