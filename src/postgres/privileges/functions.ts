/**
 * Functions that the server or an extension keeps from PUBLIC and that change or stop something, give away files, or
 * reach beyond the database: EXECUTE on one of them is a reason to refuse a role. From the REVOKEs of 12 to 18.
 */
const HARMFUL = [
  /^lo_(import|export)$/,
  /^pg_read_(binary_)?file/,
  /^pg_(reload_conf|promote|switch_wal|create_restore_point|rotate_logfile.*)$/,
  /^pg_(backup_start|backup_stop|start_backup|stop_backup|wal_replay_pause|wal_replay_resume)$/,
  /^pg_stat_reset|^pg_stat_.*_reset|_reset$/,
  /^pg_replication_origin_.*(create|drop|advance|setup|reset)$/,
  /^pg_(create|drop|copy|sync)_.*slots?$|^pg_replication_slot_advance$/,
  /^pg_(terminate|cancel)_backend$|^pg_logical_emit_message$/,
  /^lo_|^loread$|^lowrite$/,
  /^pg_file_|^pg_logdir_ls$/,
  /^dblink_connect_u$/,
  /^pg_truncate_visibility_map$|^heap_force_|^pg_buffercache_(evict|mark)/,
];

/** Kept from PUBLIC since they show much, and only read: often granted to a monitor with intent. */
const READS_ONLY = [
  /^pg_(ls|show|get)_/,
  /^pg_(config|current_logfile|stat_file|stat_have_stats|hba_file_rules|ident_file_mappings)$/,
  /^pg_replication_origin_.*(oid|progress|is_setup)$/,
  /^pgstat/,
  /^pg_(buffercache|visibility|freespace|relpages|check)/,
  /^(verify_heapam|bt_index_check|pg_stat_statements|pg_stat_statements_info)$/,
];

/** What EXECUTE on a restricted function means, by the function's name. An unknown one is worth a warning. */
export function harmOf(name: string): 'error' | 'warning' | 'none' {
  if (HARMFUL.some((pattern) => pattern.test(name))) return 'error';
  return READS_ONLY.some((pattern) => pattern.test(name)) ? 'none' : 'warning';
}
