// @ts-check
/** What generated products are made of: a tree of 210 categories, and words of which few are common and most are rare. */

/** Department > section > things; a leaf category holds one kind of thing. */
export const DEPARTMENTS = {
  Clothing: {
    Tops: ['Shirt', 'Blouse', 'Sweater', 'Hoodie'],
    Bottoms: ['Jeans', 'Skirt', 'Chinos', 'Leggings'],
    Outerwear: ['Jacket', 'Coat', 'Raincoat', 'Vest'],
    Footwear: ['Sneakers', 'Boots', 'Sandals', 'Loafers'],
  },
  Home: {
    Lighting: ['Lamp', 'Lantern', 'Chandelier', 'Candle'],
    Textiles: ['Blanket', 'Pillow', 'Curtain', 'Rug'],
    Furniture: ['Chair', 'Table', 'Shelf', 'Sofa'],
    Decoration: ['Vase', 'Mirror', 'Clock', 'Frame'],
  },
  Kitchen: {
    Cookware: ['Skillet', 'Saucepan', 'Wok', 'Kettle'],
    Tableware: ['Mug', 'Plate', 'Bowl', 'Teapot'],
    Cutlery: ['Knife', 'Spoon', 'Fork', 'Ladle'],
    Appliances: ['Blender', 'Toaster', 'Grinder', 'Mixer'],
  },
  Electronics: {
    Audio: ['Headphones', 'Speaker', 'Microphone', 'Turntable'],
    Computing: ['Keyboard', 'Mouse', 'Monitor', 'Dock'],
    Mobile: ['Charger', 'Powerbank', 'Phone Case', 'Cable'],
    Photo: ['Camera', 'Tripod', 'Lens', 'Flash'],
  },
  Sports: {
    Cycling: ['Bicycle', 'Helmet', 'Pump', 'Pannier'],
    Camping: ['Tent', 'Sleeping Bag', 'Stove', 'Hammock'],
    Fitness: ['Dumbbell', 'Yoga Mat', 'Kettlebell', 'Skipping Rope'],
    Swimming: ['Goggles', 'Swimsuit', 'Fins', 'Towel'],
  },
  Garden: {
    Tools: ['Spade', 'Rake', 'Secateurs', 'Trowel'],
    Planting: ['Planter', 'Seed Tray', 'Watering Can', 'Trellis'],
    Outdoor: ['Bench', 'Parasol', 'Brazier', 'Bird House'],
    Water: ['Hose', 'Sprinkler', 'Fountain', 'Rain Barrel'],
  },
  Toys: {
    Building: ['Blocks', 'Marble Run', 'Model Kit', 'Train Set'],
    Games: ['Board Game', 'Card Game', 'Puzzle', 'Dice Set'],
    Dolls: ['Doll', 'Teddy Bear', 'Puppet', 'Dollhouse'],
    Outside: ['Kite', 'Scooter', 'Swing', 'Sandbox'],
  },
  Beauty: {
    Skin: ['Cream', 'Serum', 'Cleanser', 'Sunscreen'],
    Hair: ['Shampoo', 'Conditioner', 'Comb', 'Hairdryer'],
    Fragrance: ['Perfume', 'Cologne', 'Diffuser', 'Incense'],
    Bath: ['Soap', 'Sponge', 'Bath Salt', 'Bathrobe'],
  },
  Office: {
    Writing: ['Pen', 'Pencil', 'Marker', 'Fountain Pen'],
    Paper: ['Notebook', 'Planner', 'Envelope', 'Sketchbook'],
    Desk: ['Desk Organizer', 'Stapler', 'Desk Pad', 'Bookend'],
    Bags: ['Backpack', 'Briefcase', 'Satchel', 'Pencil Case'],
  },
  Pets: {
    Dogs: ['Leash', 'Dog Bed', 'Harness', 'Chew Toy'],
    Cats: ['Scratching Post', 'Cat Tree', 'Litter Box', 'Catnip Mouse'],
    Birds: ['Birdcage', 'Perch', 'Bird Feeder', 'Bird Bath'],
    Fish: ['Aquarium', 'Filter', 'Gravel', 'Fish Net'],
  },
};

export const ADJECTIVES =
  'Classic Modern Compact Lightweight Deluxe Everyday Rugged Vintage Premium Folding Slim Portable Handmade Foldable Waterproof Reversible Adjustable Minimal Ergonomic Insulated Quilted Stackable Cordless Rustic Padded Organic Seamless Breathable Magnetic Recycled'.split(
    ' ',
  );

export const MATERIALS =
  'Cotton Steel Leather Wood Linen Wool Bamboo Ceramic Aluminium Glass Canvas Oak Silicone Brass Copper Walnut Marble Silk Felt Rattan Titanium Denim Cork Velvet Cashmere'.split(
    ' ',
  );

export const COLOURS =
  'Black White Navy Grey Red Green Beige Blue Olive Brown Cream Rose Teal Mustard Burgundy Lavender Coral Turquoise Amber Indigo'.split(
    ' ',
  );

export const SIZES = ['Small', 'Medium', 'Large', 'Extra Large'];

/** Sentences of descriptions; {…} is filled in. */
export const SENTENCES = [
  'Made of {material} that lasts for years.',
  'A {adjective} {thing} for home and travel.',
  'Designed in our {series} studio with care for every detail.',
  'Easy to clean and comfortable to use every day.',
  'Comes in {colour} with a {word} finish.',
  'The {word} shape fits small rooms and large families alike.',
  'Tested by {brand} for strength, safety and long life.',
  'Pairs well with anything {colour} or {material}.',
  'Ships in a box without plastic.',
  'A gift that {word} people keep for a lifetime.',
  'Inspired by the {word} {series} tradition.',
  'Two years of warranty and free repair by {brand}.',
];

const ONSETS = 'b br c ch d dr f fl g gr h j k kl l m n p pr qu r s sk st t tr v w z'.split(' ');
const VOWELS = 'a e i o u ai ea io ou'.split(' ');
const ENDS = 'l n r s t x ck ld m nd rn sk th v'.split(' ');

/** Words nobody knows, of two or three syllables, each once. @param {() => number} chance @param {number} count */
export function inventedWords(chance, count) {
  const pick = (/** @type {string[]} */ from) => from[Math.floor(chance() * from.length)];
  const words = new Set();
  while (words.size < count) {
    const middle = chance() < 0.5 ? pick(ONSETS) + pick(VOWELS) : '';
    words.add(pick(ONSETS) + pick(VOWELS) + middle + pick(ONSETS) + pick(VOWELS) + pick(ENDS));
  }
  return [...words];
}
