/** Recipients a call carries at most. */
export const PER_CALL = 100;
/** Recipients in any minute at most, over all replicas. */
export const PER_MINUTE = 5_000;
