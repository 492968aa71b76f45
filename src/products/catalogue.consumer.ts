import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { InventoryService } from '../inventory/inventory.service';
import { ReservationService } from '../inventory/reservation.service';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import type { ReceivedEvent } from '../messaging/kafka/received-event';

/** Those whose stock it tells of. */
function productsOf(event: ReceivedEvent): string[] {
  switch (event.type) {
    case 'inventory.updated':
      return [event.subject];
    case 'inventory.reserved':
    case 'inventory.released':
      return event.data.items.map((item) => item.productId);
    default:
      return [];
  }
}

/**
 * Keeps what the catalogue shows of stock close to the truth. Whoever changes stock forgets the cached entry too; this
 * second time catches the reader that read before the change and filled the cache after it, and the process that died
 * between its commit and the forgetting, and the changes made while Redis was away: its events wait here until it is back.
 * Forgetting twice harms nothing, so no inbox is asked.
 */
@EventConsumer()
export class CatalogueConsumer {
  constructor(
    private readonly inventory: InventoryService,
    private readonly reservations: ReservationService,
  ) {}

  @OnTopic(TOPICS.inventory, GROUPS.catalogue)
  async onInventoryEvents(@Payload() events: readonly ReceivedEvent[]): Promise<void> {
    const products = [...new Set(events.flatMap(productsOf))];
    if (products.length === 0) return;
    await this.inventory.mustForgetAvailability(products);
    await this.reservations.mirrorHolds(products);
  }
}
