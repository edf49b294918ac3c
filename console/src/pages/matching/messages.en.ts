export default {
  title: 'Matching',
};
