//! The flows of a tenant: their versions, which of them begin, and what becomes of the others.

use std::{collections::BTreeMap, sync::Arc};

use routewright_flows::FlowId;

use crate::{
    id::{AliasId, TouchpointId},
    interaction::FlowVersion,
    published::PublishedFlow,
    release::{Fate, Plan, Release},
};

/// The flows of a tenant.
#[derive(Debug, Default)]
pub(crate) struct Flows {
    /// Every version an interaction may be on.
    pub(crate) versions: BTreeMap<FlowVersion, Arc<PublishedFlow>>,
    /// Which versions new interactions and calls start on.
    pub(crate) plans: BTreeMap<FlowId, Plan>,
    /// What becomes of those on versions that nobody starts on any more.
    pub(crate) fates: BTreeMap<FlowVersion, Fate>,
}

impl Flows {
    pub(crate) fn version(&self, version: &FlowVersion) -> Option<Arc<PublishedFlow>> {
        self.versions.get(version).cloned()
    }

    /// The version that a contact meets when he comes to a flow.
    pub(crate) fn meets(
        &self,
        flow: &FlowId,
        alias: Option<&AliasId>,
        touchpoint: &TouchpointId,
        address: &str,
    ) -> Option<Arc<PublishedFlow>> {
        let version = self.plans.get(flow)?.version_for(flow, alias, touchpoint, address)?;
        self.version(&FlowVersion { flow: flow.clone(), version })
    }

    /// Puts a release in force.
    pub(crate) fn release(&mut self, release: Release) {
        let Release { flow, plan } = release;
        self.fates.retain(|version, _| version.flow != flow);
        for (version, fate) in plan.fates.iter().filter(|(version, _)| !plan.starts(**version)) {
            self.fates.insert(FlowVersion { flow: flow.clone(), version: *version }, fate.clone());
        }
        self.plans.insert(flow, plan);
    }
}
