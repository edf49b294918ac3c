export default {
  title: 'Departments',
};
