import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ImportJob } from './import-job.entity';

/** Some rows of a file that wait; gone with the transaction that does them. */
@Entity('import_chunks')
export class ImportChunk {
  @PrimaryColumn({ name: 'job_id', type: 'uuid', primaryKeyConstraintName: 'import_chunks_pkey' })
  jobId: string;

  @ManyToOne(() => ImportJob, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'job_id', foreignKeyConstraintName: 'import_chunks_job_id_fkey' })
  job?: ImportJob;

  /** From 0, in the order of the file. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'import_chunks_pkey' })
  position: number;

  /** `[line, cells]` of each. */
  @Column({ type: 'json' })
  rows: [number, string[]][];
}
