import { ICONS, type IconName } from './icons';

/** An icon beside a word; screen readers hear the word alone. An icon without a word needs a name on its button. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }) {
  return (
    <svg className="icon" viewBox="0 0 16 16" width={size} height={size} aria-hidden="true">
      <path d={ICONS[name]} />
    </svg>
  );
}
