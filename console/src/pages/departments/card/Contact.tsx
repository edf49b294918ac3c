import { useMissing } from '../../../data';
import { useText } from '../../../i18n';
import { Icon } from '../../../ui/Icon';
import { messages } from '../messages';
import { Link } from 'wouter';
import { Pair, type Person } from './PersonCard';

/** How to reach somebody, or which permission that takes. Empty ones say why they may be. */
export function Contact({ person }: { person: Person }) {
  const t = useText(messages);
  const missing = useMissing(['directory:contact']);
  if (missing.length > 0) {
    return (
      <Pair name={t('contact')}>
        <span className="row top t2 contact-lock">
          <Icon name="lock" />
          <span>
            {t('contact.locked')}{' '}
            <code className="small" translate="no">
              {missing.join(', ')}
            </code>{' '}
            <Link className="small" href="/permissions">
              {t('contact.permissions')}
            </Link>
          </span>
        </span>
      </Pair>
    );
  }

  const { mobile, stateCode, hideMobile, telephone, email, orgEmail, remark } = person;
  const number = mobile && (stateCode ? `+${stateCode} ${mobile}` : mobile);
  return (
    <>
      <Pair name={t('contact.mobile')}>
        {number ? (
          <>
            <a className="num" href={`tel:${number.replaceAll(' ', '')}`} translate="no">
              {number}
            </a>{' '}
            {hideMobile && <span className="small t3">{t('contact.mobile.hidden')}</span>}
          </>
        ) : (
          <span className="t3">{t('contact.none')}</span>
        )}
      </Pair>
      <Mail name={t('contact.orgEmail')} address={orgEmail} />
      <Mail name={t('contact.email')} address={email} />
      {telephone && (
        <Pair name={t('contact.telephone')}>
          <span className="num" translate="no">
            {telephone}
          </span>
        </Pair>
      )}
      {remark && (
        <Pair name={t('contact.remark')}>
          <span translate="no">{remark}</span>
        </Pair>
      )}
    </>
  );
}

function Mail({ name, address }: { name: string; address: string | null | undefined }) {
  const t = useText(messages);
  return (
    <Pair name={name}>
      {address ? (
        <a className="mail" href={`mailto:${address}`} translate="no">
          {address}
        </a>
      ) : (
        <span className="t3">{t('contact.none')}</span>
      )}
    </Pair>
  );
}
