export default {
  title: 'Sync',
};
