import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';
import { ImportJob } from './import-job.entity';

/** A row of a file that was not taken over, and why. */
@Entity('import_errors')
export class ImportError {
  @PrimaryColumn({ name: 'job_id', type: 'uuid', primaryKeyConstraintName: 'import_errors_pkey' })
  jobId: string;

  @ManyToOne(() => ImportJob, { nullable: false, onDelete: 'CASCADE' })
  @JoinColumn({ name: 'job_id', foreignKeyConstraintName: 'import_errors_job_id_fkey' })
  job?: ImportJob;

  /** Of the file, from 1; where the row begins. */
  @PrimaryColumn({ type: 'integer', primaryKeyConstraintName: 'import_errors_pkey' })
  line: number;

  @Column({ type: 'varchar', length: 100, nullable: true })
  sku: string | null;

  /** The column that is wrong, when it is one. */
  @Column({ type: 'varchar', length: 100, nullable: true })
  field: string | null;

  @Column({ type: 'varchar', length: 500 })
  message: string;
}
