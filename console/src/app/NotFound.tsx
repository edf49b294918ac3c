import { useLocation } from 'wouter';
import { useText } from '../i18n';
import { LinkButton } from '../ui/Button';
import { Card } from '../ui/Card';
import { PageHead } from '../ui/PageHead';
import { messages } from './messages';

/** No page has this address. */
export function NotFound() {
  const t = useText(messages);
  const [location] = useLocation();
  return (
    <>
      <PageHead title={t('missing.title')} />
      <Card>
        <div className="pad col gap16 start">
          <p className="t2">{t.rich('missing.text', { path: <code translate="no">/console{location}</code> })}</p>
          <LinkButton kind="primary" href="/overview">
            {t('missing.button')}
          </LinkButton>
        </div>
      </Card>
    </>
  );
}
