import './departments.css';
import { memo, useDeferredValue } from 'react';
import { usePermission } from '../../data';
import { currentLanguage, useText } from '../../i18n';
import { messages as changes } from '../../shared/changes/messages';
import { Needs } from '../../ui/Needs';
import { PageHead } from '../../ui/PageHead';
import { useAddress } from './address';
import { Directory } from './Directory';
import { messages } from './messages';

// Cards have changes on them: their texts are asked for while the page's first answers are on their way.
void changes.load(currentLanguage());

const Page = memo(Directory);

/** Departments and people: the tree, who is in a department or was found, and a card. */
export default function DepartmentsPage() {
  const t = useText(messages);
  // A key that is pressed while the page follows its address doesn't wait for it.
  const address = useDeferredValue(useAddress());
  const mayRead = usePermission('directory:read');
  if (!mayRead) {
    return (
      <>
        <PageHead title={t('title')} />
        <Needs permission="directory:read">{null}</Needs>
      </>
    );
  }
  // Another day is another tree.
  return <Page key={address.place.asOf ?? 'now'} address={address} />;
}
