// Written by `atrium client generate`: the tables of one caller, as they may use them. Do not edit.

export interface Tables {
  boats: {
    actions: "list" | "get" | "create" | "update"
    key: string | number
    row: {
      id: number | string
      pier_id: number | string | null
      name: string
      length: number | string | null
      trips: number | string
      pier?: Tables["piers"]['row'] | null
    }
    create: {
      pier_id?: number | string | null
      name: string
      length?: number | string | null
      trips?: number | string
    }
    update: {
      pier_id?: number | string | null
      name?: string
      length?: number | string | null
      trips?: number | string
    }
  }
  piers: {
    actions: "list" | "get"
    key: string | number
    row: {
      id: number | string
      name: string
      boats?: Tables["boats"]['row'][]
    }
    create: Record<never, never>
    update: Record<never, never>
  }
  slots: {
    actions: "list" | "get" | "create" | "delete"
    key: readonly [string | number, string | number]
    row: {
      pier: string
      number: number | string
      note: string | null
    }
    create: {
      pier: string
      number: number | string
      note?: string | null
    }
    update: Record<never, never>
  }
}
