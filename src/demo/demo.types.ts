/** One version of a model: a colour, a size; dearer than the model by `surcharge` minor units. */
export interface DemoVariant {
  name: string;
  surcharge?: number;
}

export interface DemoModel {
  name: string;
  /** Minor units. */
  price: number;
  description: string;
}

/** A category without children; each of its models is sold in each of its variants. */
export interface DemoShelf {
  name: string;
  /** Three letters in the SKUs. */
  code: string;
  /** The picture: /static/images/<image>.svg. */
  image: string;
  variants: readonly DemoVariant[];
  models: readonly DemoModel[];
}

export interface DemoDepartment {
  name: string;
  shelves: readonly DemoShelf[];
}

export function model(name: string, price: number, description: string): DemoModel {
  return { name, price, description };
}
