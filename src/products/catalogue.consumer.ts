import { Payload } from '@nestjs/microservices';
import { TOPICS } from '../events/topics';
import { InventoryService } from '../inventory/inventory.service';
import { EventConsumer, OnTopic } from '../messaging/kafka/listen.decorators';
import { GROUPS } from '../messaging/kafka/listener-groups';
import { receive } from '../messaging/kafka/received-event';

/**
 * Keeps what the catalogue shows of stock close to the truth. Whoever changes stock forgets the cached entry too; this
 * second time catches the reader that read before the change and filled the cache after it, and the process that died
 * between its commit and the forgetting, and the changes made while Redis was away: its events wait here until it is back.
 * Forgetting twice harms nothing, so no inbox is asked.
 */
@EventConsumer()
export class CatalogueConsumer {
  constructor(private readonly inventory: InventoryService) {}

  @OnTopic(TOPICS.inventory, GROUPS.catalogue)
  async onInventoryEvent(@Payload() message: unknown): Promise<void> {
    const event = receive(message);
    switch (event?.type) {
      case 'inventory.updated':
        return this.inventory.mustForgetAvailability([event.subject]);
      case 'inventory.reserved':
      case 'inventory.released':
        return this.inventory.mustForgetAvailability(event.data.items.map((item) => item.productId));
      default:
        return undefined;
    }
  }
}
