import { model, type DemoDepartment } from './demo.types';

export const HOME: DemoDepartment = {
  name: 'Home',
  shelves: [
    {
      name: 'Lamps',
      code: 'LMP',
      image: 'lamp',
      variants: [{ name: 'Brass' }, { name: 'Matt Black' }],
      models: [
        model('Crane Desk Lamp', 6_900, 'Long-armed desk lamp with warm and cool light, dimmable by touch.'),
        model('Moonrise Bedside Lamp', 4_900, 'Soft glass globe that wakes you slowly like a sunrise.'),
        model('Reed Floor Lamp', 12_900, 'Slender floor lamp that bends over the reading chair.'),
        model('Porch Portable Lamp', 5_900, 'Cordless lamp for table and terrace; eight hours on one charge.'),
        model('Dome Pendant Lamp', 9_900, 'Spun metal pendant for the dining table.'),
      ],
    },
    {
      name: 'Chairs',
      code: 'CHR',
      image: 'chair',
      variants: [{ name: 'Oak' }, { name: 'Walnut', surcharge: 2_000 }],
      models: [
        model('Fjord Dining Chair', 12_900, 'Solid wood dining chair with a woven paper-cord seat.'),
        model('Fjord Bar Stool', 10_900, 'Bar-height sister of the dining chair, with a foot rest.'),
        model('Harbor Lounge Chair', 34_900, 'Low lounge chair with wool cushions; covers come off for washing.'),
        model('Posture Office Chair', 28_900, 'Office chair with wooden shell, lumbar support and quiet castors.'),
        model('Rockwell Rocking Chair', 25_900, 'Steam-bent rocking chair for porch or nursery.'),
      ],
    },
    {
      name: 'Plants',
      code: 'PLT',
      image: 'plant',
      variants: [
        { name: '12 cm Pot' },
        { name: '19 cm Pot', surcharge: 1_200 },
        { name: '24 cm Pot', surcharge: 2_900 },
      ],
      models: [
        model('Monstera Deliciosa', 1_900, 'The Swiss cheese plant: big split leaves, easy in indirect light.'),
        model('Snake Plant', 1_600, 'Forgives weeks without water and almost any corner.'),
        model('Peace Lily', 1_700, 'White flowers through the year; droops politely when thirsty.'),
        model('Rubber Plant', 2_100, 'Glossy dark leaves that grow towards the ceiling.'),
        model('Olive Tree', 2_900, 'Silver leaves for a sunny window or balcony.'),
      ],
    },
    {
      name: 'Candles',
      code: 'CND',
      image: 'candle',
      variants: [{ name: 'Fig Leaf' }, { name: 'Cedar' }, { name: 'Sea Salt' }],
      models: [
        model('Stillwater Scented Candle', 2_400, 'Soy wax in a stoneware jar; burns for 45 hours.'),
        model('Stillwater Travel Candle', 1_200, 'A tin for hotel rooms and small gifts; burns for 18 hours.'),
        model('Three-Wick Candle', 3_900, 'A wide bowl with three cotton wicks that fills a living room.'),
        model('Hand-Poured Pillar Candle', 1_500, 'Solid rapeseed wax, poured by hand in small batches.'),
      ],
    },
    {
      name: 'Towels',
      code: 'TWL',
      image: 'towel',
      variants: [{ name: 'White' }, { name: 'Sage' }, { name: 'Slate' }],
      models: [
        model('Linden Bath Towel', 2_900, 'Thick organic cotton, 70 by 140 centimetres.'),
        model('Linden Hand Towel', 1_400, 'The same organic cotton, 50 by 100 centimetres.'),
        model('Waffle Bath Towel', 2_600, 'Light waffle weave that dries within hours.'),
        model('Shore Beach Towel', 3_400, 'Flat-woven and wide enough for two; shakes off sand.'),
      ],
    },
  ],
};
