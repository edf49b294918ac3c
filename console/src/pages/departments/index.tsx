import './departments.css';
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

/** Departments and people: the tree, who is in a department or was found, and a card. */
export default function DepartmentsPage() {
  const t = useText(messages);
  const address = useAddress();
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
  return <Directory key={address.place.asOf ?? 'now'} address={address} />;
}
