import type { OverviewQuery } from '../../../generated/graphql';
import { Deliveries } from './Deliveries';
import { Quota } from './Quota';

/** What became of the day's messages, and how much of the month's quota is used. */
export function Messages({ data }: { data: OverviewQuery }) {
  return (
    <>
      <Deliveries data={data} />
      {data.quota && <Quota month={data.quota} recipients={data.delivery?.recipientsThisMonth ?? 0} />}
    </>
  );
}
