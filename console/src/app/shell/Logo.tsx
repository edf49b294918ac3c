/** The mark and the name of the product. */
export function Logo() {
  return (
    <span className="logo">
      <svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
        <rect width="24" height="24" rx="6" fill="#1557d0" />
        <path
          d="M7 6.5v11M7 6.5c5.5 0 5.5 11 0 11"
          fill="none"
          stroke="#fff"
          strokeWidth="2"
          strokeLinecap="round"
        />
        <path
          d="M17.5 6.5v11M17.5 6.5c-3.5 0-4.2 3.2-4 5.5"
          fill="none"
          stroke="#9cc0ff"
          strokeWidth="2"
          strokeLinecap="round"
        />
      </svg>
      <span className="logo-name" translate="no">
        dingmirror
      </span>
    </span>
  );
}
