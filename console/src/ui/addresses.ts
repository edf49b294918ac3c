/** The address of a person's card. */
export function personHref(userId: string): string {
  return `/departments?user=${encodeURIComponent(userId)}`;
}

/** The address of a department, with its card and people. */
export function departmentHref(deptId: string): string {
  return `/departments/${encodeURIComponent(deptId)}`;
}
