/** A court seen through its arches, with the sun over it. */
export function Courtyard({ className }: { className: string | undefined }) {
  return (
    <svg viewBox="0 0 800 900" preserveAspectRatio="xMidYMax slice" className={className} aria-hidden="true">
      <defs>
        <linearGradient id="sky" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#f6d9a8" />
          <stop offset="1" stopColor="#f9efdc" />
        </linearGradient>
        <linearGradient id="floor" x1="0" y1="0" x2="0" y2="1">
          <stop offset="0" stopColor="#063a32" stopOpacity="0" />
          <stop offset=".45" stopColor="#063a32" stopOpacity=".25" />
          <stop offset="1" stopColor="#063a32" stopOpacity=".95" />
        </linearGradient>
      </defs>
      <rect width="800" height="900" fill="#0c6557" />
      <path d="M40 900V420a360 360 0 0 1 720 0v480z" fill="#107566" />
      <path d="M120 900V440a280 280 0 0 1 560 0v460z" fill="#2f9583" />
      <path d="M200 900V460a200 200 0 0 1 400 0v440z" fill="#7cc4b3" />
      <path d="M270 900V480a130 130 0 0 1 260 0v420z" fill="url(#sky)" />
      <circle cx="430" cy="470" r="46" fill="#f2a65a" />
      <path d="M270 700c60-40 110-30 150-8s70 22 110-6v214H270z" fill="#3f8f6d" />
      <path d="M270 760c50-22 96-18 140 4s80 20 120-2v138H270z" fill="#2a6f55" />
      <g fill="#0a4c42">
        <path d="M148 900c-6-120 4-190 22-250 8 66 10 150 2 250z" />
        <path d="M166 760c-44-26-62-66-62-110 40 18 62 56 62 110z" />
        <path d="M168 710c6-50 30-82 70-98 0 48-26 86-70 98z" />
        <path d="M160 830c-40-14-64-44-70-84 42 10 68 40 70 84z" />
        <path d="M168 800c10-42 38-66 76-74-4 42-34 70-76 74z" />
      </g>
      <g fill="#0a4c42" transform="translate(806 60) scale(-0.9 .94)">
        <path d="M148 900c-6-120 4-190 22-250 8 66 10 150 2 250z" />
        <path d="M166 760c-44-26-62-66-62-110 40 18 62 56 62 110z" />
        <path d="M168 710c6-50 30-82 70-98 0 48-26 86-70 98z" />
        <path d="M160 830c-40-14-64-44-70-84 42 10 68 40 70 84z" />
      </g>
      <rect y="480" width="800" height="420" fill="url(#floor)" />
    </svg>
  )
}
