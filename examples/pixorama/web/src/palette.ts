export interface Colour {
  name: string;
  hex: string;
}

/** The colours by their index on the wire. A new picture is all index 2, paper. */
export const palette: readonly Colour[] = [
  { name: "Ink", hex: "#1a1c2c" },
  { name: "Slate", hex: "#5b6178" },
  { name: "Paper", hex: "#f8f5ee" },
  { name: "Silver", hex: "#bcc3d4" },
  { name: "Cherry", hex: "#e0324b" },
  { name: "Coral", hex: "#ff7657" },
  { name: "Amber", hex: "#ffa928" },
  { name: "Lemon", hex: "#ffe14d" },
  { name: "Lime", hex: "#93dd55" },
  { name: "Leaf", hex: "#16a05a" },
  { name: "Teal", hex: "#11b8b0" },
  { name: "Sky", hex: "#53c5ff" },
  { name: "Ocean", hex: "#2f66f2" },
  { name: "Violet", hex: "#7f4ff5" },
  { name: "Pink", hex: "#ff74bd" },
  { name: "Cocoa", hex: "#8b5138" },
];

export const paper = 2;

/** A colour as the four bytes of a canvas pixel. An index that we do not know shows as paper. */
export function rgba(index: number): [number, number, number, number] {
  const { hex } = palette[index] ?? palette[paper]!;
  const value = Number.parseInt(hex.slice(1), 16);
  return [value >> 16, (value >> 8) & 0xff, value & 0xff, 0xff];
}
