import { useText } from '../../i18n';
import { PageHead } from '../../ui/PageHead';
import { messages } from './messages';

export default function MessagesPage() {
  const t = useText(messages);
  return <PageHead title={t('title')} />;
}
