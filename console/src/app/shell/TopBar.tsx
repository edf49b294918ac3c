import { useState } from 'react';
import { Link } from 'wouter';
import { useSession } from '../../data';
import { useText } from '../../i18n';
import { setToken } from '../../token';
import { Button } from '../../ui/Button';
import { classes } from '../../ui/classes';
import { Freshness } from '../../ui/Freshness';
import { Menu } from '../../ui/Menu';
import { RelativeTime } from '../../ui/RelativeTime';
import { setTheme, useTheme } from '../../ui/theme';
import { useMedia } from '../../ui/useMedia';
import { Verdict } from '../../ui/Verdict';
import { messages } from '../messages';
import { embedded } from './embedded';
import { openKeys } from './keyboard';
import { LanguageMenu } from './LanguageMenu';
import { useLooks } from './looks';
import { Logo } from './Logo';
import { SearchBox } from './SearchBox';
import { useShell } from './ShellContext';

/** Logo, company, search, verdict with freshness, language, theme, who is signed in. */
export function TopBar() {
  const t = useText(messages);
  const { shell } = useShell();
  const [searching, setSearching] = useState(false);
  return (
    <header className={classes('topbar', searching && 'searching')}>
      {!embedded && (
        <>
          <Link href="/overview" className="brand">
            <Logo />
          </Link>
          <span className="company clip" translate="no">
            {shell?.mirror?.companyName}
          </span>
          <SearchBox onLeave={() => setSearching(false)} open={searching} />
          <Button
            className="search-open chip"
            icon="search"
            label={t('search.open')}
            onClick={() => setSearching(true)}
          />
        </>
      )}
      <span className="grow spacer" />
      <VerdictChip />
      {!embedded && (
        <>
          <span className="not-narrow">
            <LanguageMenu />
          </span>
          <ThemeButton />
        </>
      )}
      <UserMenu />
    </header>
  );
}

/** Always in sight: how far what is shown can be trusted. */
function VerdictChip() {
  const { shell } = useShell();
  if (!shell?.mirror) return null;
  const { verdict, asOf, verificationCycleSeconds } = shell.mirror;
  return (
    <Link href="/sync" className="chip verdict-chip">
      <Verdict verdict={verdict} bare />
      <Freshness asOf={asOf} cycleSeconds={verificationCycleSeconds} />
    </Link>
  );
}

function ThemeButton() {
  const t = useText(messages);
  const theme = useTheme();
  const other = theme === 'dark' ? 'light' : 'dark';
  return (
    <Button
      className="chip not-narrow"
      icon={theme === 'dark' ? 'sun' : 'moon'}
      label={t(`theme.${other}`)}
      onClick={() => setTheme(other)}
    />
  );
}

function UserMenu() {
  const t = useText(messages);
  const { subject, expiresAt } = useSession();
  // Their own buttons are left out there.
  const narrow = useMedia('(max-width: 1023px)');
  const looks = useLooks();
  return (
    <Menu
      className="chip user-chip"
      name={t('user')}
      label={subject ? t('user.as', { name: subject }) : t('user')}
      align="end"
      icon="person"
      text={
        <span className="user-name clip" translate="no">
          {subject}
        </span>
      }
      head={
        <>
          <p className="bold" translate="no">
            {subject}
          </p>
          {expiresAt && (
            <p className="small t3">{t.rich('token.endsAt', { when: <RelativeTime at={expiresAt} as="moment" /> })}</p>
          )}
        </>
      }
      items={[
        { text: t('user.permissions'), icon: 'shield', href: '/permissions' },
        { text: t('user.keys'), icon: 'keyboard', onSelect: openKeys },
        ...(narrow ? looks : []),
        'line',
        { text: t('user.signOut'), icon: 'exit', onSelect: () => setToken('') },
      ]}
    />
  );
}
